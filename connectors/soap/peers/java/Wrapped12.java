package fondaco.peer;

import jakarta.jws.WebMethod;
import jakarta.jws.WebParam;
import jakarta.jws.WebService;
import jakarta.xml.ws.BindingType;

/** SOAP 1.2, document/literal wrapped. */
@WebService(targetNamespace = "urn:fondaco:peer:wrapped12")
@BindingType("http://java.sun.com/xml/ns/jaxws/2003/05/soap/bindings/HTTP/")
public class Wrapped12 {
    /** Gives back what came. */
    @WebMethod(action = "urn:echo")
    public Values echo12(@WebParam(name = "values") Values values) {
        return values;
    }

    /** Refuses, with a detail. */
    @WebMethod
    public String refuse12(@WebParam(name = "code") int code, @WebParam(name = "about") Subject about) throws Refused {
        Refused.Refusal r = new Refused.Refusal();
        r.code = code;
        r.about = about;
        throw new Refused("not today", r);
    }
}
