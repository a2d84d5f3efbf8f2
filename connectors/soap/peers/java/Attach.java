package fondaco.peer;

import jakarta.activation.DataHandler;
import jakarta.jws.WebMethod;
import jakarta.jws.WebParam;
import jakarta.jws.WebService;
import jakarta.mail.util.ByteArrayDataSource;
import jakarta.xml.bind.annotation.XmlMimeType;
import jakarta.xml.ws.soap.MTOM;
import jakarta.xml.ws.WebServiceContext;
import jakarta.xml.ws.handler.MessageContext;
import jakarta.annotation.Resource;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Octets beside the envelope (MTOM): everything of 100 bytes or more. */
@WebService(targetNamespace = "urn:fondaco:peer:attach")
@MTOM(threshold = 100)
public class Attach {
    @Resource private WebServiceContext context;

    /** Takes a document: its name, size, SHA-256 and the media type of the message. */
    @WebMethod
    public String upload(@WebParam(name = "name") String name, @WebParam(name = "document") @XmlMimeType("application/octet-stream") DataHandler document) throws Exception {
        byte[] all = document.getInputStream().readAllBytes();
        Map<?, ?> headers = (Map<?, ?>) context.getMessageContext().get(MessageContext.HTTP_REQUEST_HEADERS);
        String media = "";
        for (Map.Entry<?, ?> h : headers.entrySet()) {
            if ("Content-Type".equalsIgnoreCase(String.valueOf(h.getKey()))) {
                media = ((List<?>) h.getValue()).get(0).toString().split(";")[0];
            }
        }
        return name + " " + all.length + " " + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(all)) + " " + media;
    }

    /** Gives a document of a size; byte i is i modulo 251. */
    @WebMethod
    @XmlMimeType("application/octet-stream")
    public DataHandler download(@WebParam(name = "size") int size) {
        return new DataHandler(new ByteArrayDataSource(octets(size), "application/octet-stream"));
    }

    /** Gives several documents. */
    @WebMethod
    public List<byte[]> several(@WebParam(name = "document") List<byte[]> documents) {
        return documents;
    }

    private static byte[] octets(int size) {
        byte[] out = new byte[size];
        for (int i = 0; i < size; i++) {
            out[i] = (byte) (i % 251);
        }
        return out;
    }
}
