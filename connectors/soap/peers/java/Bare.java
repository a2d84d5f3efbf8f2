package fondaco.peer;

import com.sun.xml.ws.developer.SchemaValidation;
import jakarta.jws.WebMethod;
import jakarta.jws.WebParam;
import jakarta.jws.WebResult;
import jakarta.jws.WebService;
import jakarta.jws.soap.SOAPBinding;
import jakarta.xml.ws.Holder;

/** Document/literal bare. What comes is checked by the schema. */
@WebService(targetNamespace = "urn:fondaco:peer:bare")
@SOAPBinding(parameterStyle = SOAPBinding.ParameterStyle.BARE)
@SchemaValidation
public class Bare {
    /** Gives back what came. */
    @WebMethod
    @WebResult(name = "echoed")
    public Values echo(@WebParam(name = "echo") Values values) {
        return values;
    }

    /** Gives back whoever came, by xsi:type. */
    @WebMethod
    @WebResult(name = "who")
    public Subject know(@WebParam(name = "know") Subject subject) {
        return subject;
    }

    /** Counts the calls of a session in a header entry, and greets. */
    @WebMethod
    @WebResult(name = "greeting")
    public String greet(@WebParam(name = "greet") String name, @WebParam(name = "ticket", header = true, mode = WebParam.Mode.INOUT) Holder<Ticket> ticket) {
        ticket.value.calls++;
        return "ciao " + name + " " + ticket.value.session;
    }
}
