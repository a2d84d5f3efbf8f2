/** The peer's values, in a namespace of their own, with qualified elements. */
@XmlSchema(namespace = "urn:fondaco:peer:types", elementFormDefault = XmlNsForm.QUALIFIED)
package fondaco.peer;

import jakarta.xml.bind.annotation.XmlNsForm;
import jakarta.xml.bind.annotation.XmlSchema;
