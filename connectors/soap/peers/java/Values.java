package fondaco.peer;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlElement;
import jakarta.xml.bind.annotation.XmlList;
import jakarta.xml.bind.annotation.XmlSchemaType;
import jakarta.xml.bind.annotation.adapters.CollapsedStringAdapter;
import jakarta.xml.bind.annotation.adapters.HexBinaryAdapter;
import jakarta.xml.bind.annotation.adapters.NormalizedStringAdapter;
import jakarta.xml.bind.annotation.adapters.XmlJavaTypeAdapter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import javax.xml.datatype.Duration;
import javax.xml.datatype.XMLGregorianCalendar;
import javax.xml.namespace.QName;

/** A value of every built-in type, all of them optional. */
@XmlAccessorType(XmlAccessType.FIELD)
public class Values {
    @XmlElement(name = "string") String aString;
    @XmlSchemaType(name = "normalizedString") @XmlJavaTypeAdapter(NormalizedStringAdapter.class) String normalizedString;
    @XmlSchemaType(name = "token") @XmlJavaTypeAdapter(CollapsedStringAdapter.class) String token;
    @XmlSchemaType(name = "language") @XmlJavaTypeAdapter(CollapsedStringAdapter.class) String language;
    @XmlElement(name = "Name") @XmlSchemaType(name = "Name") @XmlJavaTypeAdapter(CollapsedStringAdapter.class) String name;
    @XmlElement(name = "NCName") @XmlSchemaType(name = "NCName") @XmlJavaTypeAdapter(CollapsedStringAdapter.class) String ncName;
    @XmlElement(name = "NMTOKEN") @XmlSchemaType(name = "NMTOKEN") @XmlJavaTypeAdapter(CollapsedStringAdapter.class) String nmToken;
    @XmlList List<String> words;
    @XmlSchemaType(name = "anyURI") String anyURI;
    @XmlElement(name = "QName") QName qName;
    @XmlElement(name = "boolean") Boolean aBoolean;
    BigDecimal decimal;
    BigInteger integer;
    @XmlSchemaType(name = "nonPositiveInteger") BigInteger nonPositiveInteger;
    @XmlSchemaType(name = "negativeInteger") BigInteger negativeInteger;
    @XmlSchemaType(name = "nonNegativeInteger") BigInteger nonNegativeInteger;
    @XmlSchemaType(name = "positiveInteger") BigInteger positiveInteger;
    @XmlElement(name = "long") Long aLong;
    @XmlElement(name = "int") Integer anInt;
    @XmlElement(name = "short") Short aShort;
    @XmlElement(name = "byte") Byte aByte;
    @XmlSchemaType(name = "unsignedLong") BigInteger unsignedLong;
    @XmlSchemaType(name = "unsignedInt") Long unsignedInt;
    @XmlSchemaType(name = "unsignedShort") Integer unsignedShort;
    @XmlSchemaType(name = "unsignedByte") Short unsignedByte;
    @XmlElement(name = "float") Float aFloat;
    @XmlElement(name = "double") Double aDouble;
    @XmlSchemaType(name = "dateTime") XMLGregorianCalendar dateTime;
    @XmlSchemaType(name = "date") XMLGregorianCalendar date;
    @XmlSchemaType(name = "time") XMLGregorianCalendar time;
    @XmlSchemaType(name = "gYear") XMLGregorianCalendar gYear;
    @XmlSchemaType(name = "gYearMonth") XMLGregorianCalendar gYearMonth;
    @XmlSchemaType(name = "gMonth") XMLGregorianCalendar gMonth;
    @XmlSchemaType(name = "gMonthDay") XMLGregorianCalendar gMonthDay;
    @XmlSchemaType(name = "gDay") XMLGregorianCalendar gDay;
    Duration duration;
    byte[] base64Binary;
    @XmlSchemaType(name = "hexBinary") @XmlJavaTypeAdapter(HexBinaryAdapter.class) byte[] hexBinary;
    Colour colour;
    @XmlList List<Integer> numbers;
    @XmlElement(nillable = true) String nothing;
    @XmlElement(nillable = true) List<Integer> holes;
    @XmlAttribute Integer count;
    @XmlAttribute String label;
    @XmlAttribute @XmlSchemaType(name = "dateTime") XMLGregorianCalendar since;

    /** An enumeration. */
    public enum Colour { RED, GREEN, BLUE }
}
