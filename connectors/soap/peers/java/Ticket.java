package fondaco.peer;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlElement;

/** A header entry. */
@XmlAccessorType(XmlAccessType.FIELD)
public class Ticket {
    @XmlElement(required = true) String session;
    int calls;
}
