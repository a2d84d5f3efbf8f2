package fondaco.calls;

import jakarta.xml.bind.JAXB;
import jakarta.xml.ws.WebServiceException;
import jakarta.xml.ws.soap.SOAPFaultException;
import java.io.File;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/** Prints a line a case: its name, a tab, and what the client saw. */
final class Told {
    private Told() {}

    /** One case. */
    interface Case {
        Object run() throws Exception;
    }

    /** Runs a case and prints what it returned, or the fault. */
    static void of(String name, Case c) {
        String told;
        try {
            told = String.valueOf(c.run());
        } catch (SOAPFaultException e) {
            told = "fault " + e.getFault().getFaultCodeAsQName().getLocalPart() + " " + e.getFault().getFaultString();
        } catch (WebServiceException e) {
            told = "failed: " + e;
        } catch (Exception e) {
            told = "failed: " + e;
        }
        byte[] line = (name + "\t" + told.replace("\n", "\\n") + "\n").getBytes(StandardCharsets.UTF_8);
        System.out.write(line, 0, line.length);
        System.out.flush();
    }

    /** Reads a value that the client's own classes describe. */
    static <T> T read(String file, Class<T> type) {
        return JAXB.unmarshal(new File(file), type);
    }

    /** Compares what came with what was sent, each as the client's own classes write it. */
    static <T> String same(T sent, T came) {
        String a = written(sent);
        String b = written(came);
        return a.equals(b) ? "same, " + fields(a) : "sent " + a + " came " + b;
    }

    private static String written(Object v) {
        StringWriter out = new StringWriter();
        JAXB.marshal(v, out);
        // The prefix of a name says nothing.
        return out.toString().replaceAll("<(\\S*QName) xmlns:\\w+=\"([^\"]*)\">\\w+:", "<$1>{$2}");
    }

    private static String fields(String xml) {
        try {
            return String.valueOf(javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new org.xml.sax.InputSource(new StringReader(xml))).getDocumentElement().getElementsByTagName("*").getLength());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
