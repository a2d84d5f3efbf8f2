package fondaco.peer;

import jakarta.jws.WebMethod;
import jakarta.jws.WebParam;
import jakarta.jws.WebService;
import jakarta.jws.soap.SOAPBinding;
import jakarta.xml.ws.Holder;

/** RPC/literal. */
@WebService(targetNamespace = "urn:fondaco:peer:rpc")
@SOAPBinding(style = SOAPBinding.Style.RPC)
public class Rpc {
    /** Gives back what came. */
    @WebMethod
    public Values echo(@WebParam(name = "values") Values values) {
        return values;
    }

    /** Gives back whoever came, by xsi:type. */
    @WebMethod
    public Subject know(@WebParam(name = "subject") Subject subject) {
        return subject;
    }

    /** Arrays of simple things, turned. */
    @WebMethod
    public String[] turn(@WebParam(name = "words") String[] words) {
        String[] out = new String[words.length];
        for (int i = 0; i < words.length; i++) {
            out[words.length - 1 - i] = words[i];
        }
        return out;
    }

    /** Divides; two answers. */
    @WebMethod
    public int divide(@WebParam(name = "a") int a, @WebParam(name = "b") int b, @WebParam(name = "rest", mode = WebParam.Mode.OUT) Holder<Integer> rest) {
        rest.value = a % b;
        return a / b;
    }

    /** Refuses, with a detail. */
    @WebMethod
    public String refuse(@WebParam(name = "code") int code) throws Refused {
        Refused.Refusal r = new Refused.Refusal();
        r.code = code;
        throw new Refused("not today", r);
    }

    /** Counts in a header entry. */
    @WebMethod
    public String greet(@WebParam(name = "name") String name, @WebParam(name = "ticket", header = true, mode = WebParam.Mode.INOUT) Holder<Ticket> ticket) {
        ticket.value.calls++;
        return "ciao " + name + " " + ticket.value.session;
    }
}
