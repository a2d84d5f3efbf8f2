package fondaco.peer;

import com.sun.net.httpserver.HttpServer;
import jakarta.xml.ws.Endpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Serves each style at a path of its own on a free port of the loopback, says READY with the port, and ends when its input does. */
public final class Peer {
    private Peer() {}

    /** Starts the peer. */
    public static void main(String[] args) throws Exception {
        Map<String, Object> services = new LinkedHashMap<>();
        services.put("bare", new Bare());
        services.put("wrapped", new Wrapped());
        services.put("wrapped12", new Wrapped12());
        services.put("rpc", new Rpc());
        services.put("attach", new Attach());
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        server.setExecutor(pool);
        for (Map.Entry<String, Object> s : services.entrySet()) {
            Endpoint.create(s.getValue()).publish(server.createContext("/" + s.getKey()));
        }
        server.start();
        System.out.println("READY " + server.getAddress().getPort());
        while (System.in.read() >= 0) {
            continue;
        }
        server.stop(0);
        pool.shutdownNow();
    }
}
