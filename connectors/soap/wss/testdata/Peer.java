import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.apache.wss4j.common.WSEncryptionPart;
import org.apache.wss4j.common.crypto.Merlin;
import org.apache.wss4j.common.ext.WSSecurityException;
import org.apache.wss4j.dom.WSConstants;
import org.apache.wss4j.dom.WSDataRef;
import org.apache.wss4j.dom.engine.WSSConfig;
import org.apache.wss4j.dom.engine.WSSecurityEngine;
import org.apache.wss4j.dom.engine.WSSecurityEngineResult;
import org.apache.wss4j.dom.handler.WSHandlerResult;
import org.apache.wss4j.dom.message.WSSecHeader;
import org.apache.wss4j.dom.message.WSSecSignature;
import org.apache.wss4j.dom.message.WSSecTimestamp;
import org.apache.xml.security.c14n.Canonicalizer;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Apache WSS4J as the other party of this package's tests. Its argument is a folder: NAME.pem and NAME.key are
 * certificates and keys (PKCS #8, DER), each NAME,*.verify is verified and each NAME,KIND,ALGORITHM,*.sign signed, and
 * each PREFIXES,*.c14n (of its first element that is called apex) is canonicalized; the answers are beside, .out added.
 */
public class Peer {
	static final String WSA = "http://www.w3.org/2005/08/addressing";

	public static void main(String[] args) throws Exception {
		WSSConfig.init();
		List<Path> files = new ArrayList<>();
		try (Stream<Path> in = Files.list(Path.of(args[0]))) {
			in.forEach(files::add);
		}
		for (Path f : files) {
			String name = f.getFileName().toString();
			String[] words = name.substring(0, Math.max(0, name.lastIndexOf('.'))).split(",");
			byte[] out;
			try {
				if (name.endsWith(".verify")) {
					out = verify(f, words[0]);
				} else if (name.endsWith(".sign")) {
					out = sign(f, words[0], words[1], words[2]);
				} else if (name.endsWith(".c14n")) {
					out = canonical(f, words[0].equals("none") ? "" : words[0].replace('+', ' '));
				} else {
					continue;
				}
			} catch (Exception e) {
				out = ("refused: " + e).getBytes("UTF-8");
			}
			Files.write(f.resolveSibling(name + ".out"), out);
		}
	}

	static Document parse(Path f) throws Exception {
		DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
		factory.setNamespaceAware(true);
		return factory.newDocumentBuilder().parse(new ByteArrayInputStream(Files.readAllBytes(f)));
	}

	static Merlin crypto(Path f, String who) throws Exception {
		Certificate c;
		try (var in = Files.newInputStream(f.resolveSibling(who + ".pem"))) {
			c = CertificateFactory.getInstance("X.509").generateCertificate(in);
		}
		KeyStore store = KeyStore.getInstance("PKCS12");
		store.load(null, null);
		PrivateKey key = KeyFactory.getInstance(c.getPublicKey().getAlgorithm())
			.generatePrivate(new PKCS8EncodedKeySpec(Files.readAllBytes(f.resolveSibling(who + ".key"))));
		store.setKeyEntry("us", key, "word".toCharArray(), new Certificate[] {c});
		Merlin merlin = new Merlin();
		merlin.setKeyStore(store);
		return merlin;
	}

	static byte[] verify(Path f, String who) throws Exception {
		Merlin crypto = crypto(f, who);
		WSHandlerResult all = new WSSecurityEngine().processSecurityHeader(parse(f), null, null, crypto);
		StringBuilder out = new StringBuilder("verified:");
		for (WSSecurityEngineResult r : all.getActionResults().get(WSConstants.SIGN)) {
			@SuppressWarnings("unchecked")
			List<WSDataRef> refs = (List<WSDataRef>) r.get(WSSecurityEngineResult.TAG_DATA_REF_URIS);
			for (WSDataRef ref : refs) {
				out.append(' ').append(ref.getName().getLocalPart());
			}
		}
		return out.toString().getBytes("UTF-8");
	}

	static byte[] sign(Path f, String who, String kind, String algorithm) throws Exception {
		Document doc = parse(f);
		WSSecHeader header = new WSSecHeader(doc);
		header.insertSecurityHeader();
		WSSecTimestamp stamp = new WSSecTimestamp(header);
		stamp.setTimeToLive(300);
		stamp.build();
		WSSecSignature s = new WSSecSignature(header);
		s.setUserInfo("us", "word");
		s.setSignatureAlgorithm("http://www.w3.org/2001/04/xmldsig-more#" + algorithm);
		s.setDigestAlgo(WSConstants.SHA256);
		s.setKeyIdentifierType(switch (kind) {
			case "binary" -> WSConstants.BST_DIRECT_REFERENCE;
			case "embedded" -> WSConstants.X509_KEY_IDENTIFIER;
			case "ski" -> WSConstants.SKI_KEY_IDENTIFIER;
			case "thumbprint" -> WSConstants.THUMBPRINT_IDENTIFIER;
			case "serial" -> WSConstants.ISSUER_SERIAL;
			default -> throw new IllegalArgumentException(kind);
		});
		String soap = doc.getDocumentElement().getNamespaceURI();
		s.getParts().add(new WSEncryptionPart("Timestamp", WSConstants.WSU_NS, ""));
		s.getParts().add(new WSEncryptionPart("To", WSA, ""));
		s.getParts().add(new WSEncryptionPart("MessageID", WSA, ""));
		s.getParts().add(new WSEncryptionPart("Body", soap, ""));
		s.build(crypto(f, who));
		Transformer t = TransformerFactory.newInstance().newTransformer();
		t.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
		StringWriter w = new StringWriter();
		t.transform(new DOMSource(doc), new StreamResult(w));
		return w.toString().getBytes("UTF-8");
	}

	static byte[] canonical(Path f, String prefixes) throws Exception {
		Element apex = (Element) parse(f).getElementsByTagNameNS("*", "apex").item(0);
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		Canonicalizer c = Canonicalizer.getInstance(Canonicalizer.ALGO_ID_C14N_EXCL_OMIT_COMMENTS);
		c.canonicalizeSubtree(apex, prefixes, out);
		return out.toByteArray();
	}
}
