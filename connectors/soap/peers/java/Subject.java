package fondaco.peer;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlElementWrapper;
import jakarta.xml.bind.annotation.XmlElements;
import jakarta.xml.bind.annotation.XmlSeeAlso;
import jakarta.xml.bind.annotation.XmlType;
import jakarta.xml.bind.annotation.XmlValue;
import java.util.List;

/** Somebody; what they are is said by xsi:type. */
@XmlAccessorType(XmlAccessType.FIELD)
@XmlSeeAlso({Subject.Person.class, Subject.Company.class, Subject.Branch.class})
public abstract class Subject {
    @XmlAttribute(required = true) String id;
    @XmlElement(required = true) String name;

    /** A person, with text that has attributes, a wrapped list and a choice. */
    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "Person")
    public static class Person extends Subject {
        Integer age;
        List<Contact> contact;
        @XmlElementWrapper(name = "children") @XmlElement(name = "child") List<Person> children;
        @XmlElements({@XmlElement(name = "passport", type = String.class), @XmlElement(name = "card", type = Contact.class)}) Object document;
    }

    /** Text with an attribute. */
    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "Contact")
    public static class Contact {
        @XmlValue String text;
        @XmlAttribute String kind;
    }

    /** A company. */
    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "Company")
    public static class Company extends Subject {
        @XmlElement(required = true) String vat;
    }

    /** A company's branch: a type two steps away. */
    @XmlAccessorType(XmlAccessType.FIELD)
    @XmlType(name = "Branch")
    public static class Branch extends Company {
        Subject head;
    }
}
