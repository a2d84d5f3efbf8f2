package fondaco.peer;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlType;
import jakarta.xml.ws.WebFault;
import java.util.List;

/** A fault with a detail that the WSDL declares. */
@WebFault(name = "refusal", targetNamespace = "urn:fondaco:peer:types")
public class Refused extends Exception {
    private final Refusal refusal;

    /** Says why, and whom it is about. */
    public Refused(String message, Refusal refusal) {
        super(message);
        this.refusal = refusal;
    }

    /** The detail. */
    public Refusal getFaultInfo() {
        return refusal;
    }

    /** What the detail holds. */
    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "Refusal")
    public static class Refusal {
        int code;
        List<String> reason;
        Subject about;
    }
}
