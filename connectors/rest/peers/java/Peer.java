package fondaco.peer;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.io.IOException;
import java.math.BigDecimal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.format.annotation.DateTimeFormat;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.CookieValue;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RequestPart;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/**
 * A service written with Spring, whose description springdoc makes: /v3/api-docs. Each operation answers with what Spring and Jackson
 * understood of the request. It says READY and its port, and ends when its input does.
 */
@SpringBootApplication
@RestController
public class Peer {
    public static void main(String[] args) throws IOException {
        SpringApplication app = new SpringApplication(Peer.class);
        app.setDefaultProperties(Map.of("server.port", "0", "server.address", "127.0.0.1", "logging.level.root", "ERROR",
            "spring.main.banner-mode", "off", "server.compression.enabled", "true", "server.compression.min-response-size", "1B",
            "spring.jackson.deserialization.fail-on-unknown-properties", "true", "spring.servlet.multipart.max-file-size", "20MB"));
        ServletWebServerApplicationContext context = (ServletWebServerApplicationContext) app.run(args);
        System.out.println("READY " + context.getWebServer().getPort());
        while (System.in.read() >= 0) {
        }
        context.close();
    }

    /** What was understood: texts of what JSON has no word for. */
    public record Seen(@Schema(requiredMode = Schema.RequiredMode.REQUIRED) Map<String, Object> seen) {}

    private static Seen seen(Object... pairs) {
        Map<String, Object> all = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            all.put((String) pairs[i], pairs[i + 1]);
        }
        return new Seen(all);
    }

    private static String typed(Object v) {
        return v == null ? null : v.getClass().getSimpleName() + " " + v;
    }

    private static Map<String, Object> octets(byte[] data) throws NoSuchAlgorithmException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("size", data.length);
        all.put("sha256", HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data)));
        return all;
    }

    private static Map<String, Object> octets(MultipartFile f) throws IOException, NoSuchAlgorithmException {
        if (f == null) {
            return null;
        }
        Map<String, Object> all = octets(f.getBytes());
        all.put("name", f.getOriginalFilename());
        all.put("type", f.getContentType());
        return all;
    }

    /** A form that Spring binds by its setters. */
    public static class Payment {
        private BigDecimal amount;
        private String reason;
        private List<String> tags;
        private List<Integer> codes;
        @DateTimeFormat(iso = DateTimeFormat.ISO.DATE) private LocalDate day;
        private Boolean signed;

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) public BigDecimal getAmount() { return amount; }
        public void setAmount(BigDecimal v) { amount = v; }
        public String getReason() { return reason; }
        public void setReason(String v) { reason = v; }
        public List<String> getTags() { return tags; }
        public void setTags(List<String> v) { tags = v; }
        public List<Integer> getCodes() { return codes; }
        public void setCodes(List<Integer> v) { codes = v; }
        public LocalDate getDay() { return day; }
        public void setDay(LocalDate v) { day = v; }
        public Boolean getSigned() { return signed; }
        public void setSigned(Boolean v) { signed = v; }
    }

    @PostMapping(path = "/payments", consumes = MediaType.APPLICATION_FORM_URLENCODED_VALUE)
    @Operation(operationId = "pay")
    public Seen pay(@ModelAttribute Payment p) {
        return seen("amount", typed(p.amount), "reason", p.reason, "tags", p.tags, "codes", p.codes, "day", typed(p.day), "signed", p.signed);
    }

    @PostMapping(path = "/fees", consumes = MediaType.APPLICATION_FORM_URLENCODED_VALUE)
    @Operation(operationId = "charge")
    public Seen charge(@RequestParam BigDecimal amount, @RequestParam(required = false) List<String> tags) {
        return seen("amount", typed(amount), "tags", tags);
    }

    /** An object in a part of its own. */
    public record Author(@Schema(requiredMode = Schema.RequiredMode.REQUIRED) String name, LocalDate born, List<Author> pupils) {}

    @PostMapping(path = "/acts", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    @Operation(operationId = "deposit")
    public Seen deposit(@RequestPart("author") Author author, @RequestPart("act") MultipartFile act,
        @RequestPart(name = "annexes", required = false) List<MultipartFile> annexes, @RequestParam String title,
        @RequestParam(required = false) List<String> tags) throws Exception {
        List<Object> files = new ArrayList<>();
        for (MultipartFile f : annexes == null ? List.<MultipartFile>of() : annexes) {
            files.add(octets(f));
        }
        return seen("author", author, "act", octets(act), "annexes", files, "title", title, "tags", tags);
    }

    @PutMapping(path = "/scans/{id}", consumes = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    @Operation(operationId = "scan")
    public Seen scan(@PathVariable String id, @RequestBody byte[] data) throws Exception {
        return seen("id", id, "octets", octets(data));
    }

    @GetMapping(path = "/scans/{id}", produces = MediaType.APPLICATION_PDF_VALUE)
    @Operation(operationId = "download")
    public ResponseEntity<byte[]> download(@PathVariable int id) {
        byte[] data = new byte[1000];
        Arrays.fill(data, (byte) id);
        return ResponseEntity.ok().header(HttpHeaders.CONTENT_DISPOSITION,
            ContentDisposition.attachment().filename("a è.pdf", java.nio.charset.StandardCharsets.UTF_8).build().toString()).body(data);
    }

    /** What stands in a query, as an object. */
    public record Filter(String text, Integer limit, Colour colour, List<String> tags,
        @DateTimeFormat(iso = DateTimeFormat.ISO.DATE_TIME) OffsetDateTime since) {}

    /** Spring takes the names of constants. */
    public enum Colour { RED, BLUE }

    @GetMapping("/search")
    @Operation(operationId = "search")
    public Seen search(@ParameterObject Filter f, @RequestParam(name = "ids", required = false) long[] ids,
        @RequestParam(name = "exact", required = false) BigDecimal exact) {
        return seen("text", f.text, "limit", f.limit, "colour", f.colour, "tags", f.tags, "since", f.since == null ? null : f.since.toString(),
            "ids", ids, "exact", typed(exact));
    }

    @GetMapping("/places/{id}/{tags}")
    @Operation(operationId = "place")
    public Seen place(@PathVariable UUID id, @PathVariable List<String> tags, @RequestHeader(name = "X-Tags", required = false) List<String> more,
        @RequestHeader(name = "X-Level", required = false) Integer level, @CookieValue(name = "session", required = false) String session) {
        return seen("id", typed(id), "tags", tags, "more", more, "level", level, "session", session);
    }

    /** One of two, told by a property. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({@JsonSubTypes.Type(value = Dog.class, name = "dog"), @JsonSubTypes.Type(value = Cat.class, name = "cat")})
    public interface Pet {}

    public record Dog(boolean barks) implements Pet {}

    public record Cat(int lives) implements Pet {}

    /** What is read only comes from here, what is write only is never told. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public static class Person {
        @JsonProperty(access = JsonProperty.Access.READ_ONLY) @Schema(requiredMode = Schema.RequiredMode.REQUIRED) public Long id = 7L;
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) public String name;
        @JsonProperty(access = JsonProperty.Access.WRITE_ONLY) @Schema(requiredMode = Schema.RequiredMode.REQUIRED) public String password;
        public Pet pet;
        public BigDecimal salary;
        public byte[] photo;
        public OffsetDateTime since;
        public LocalDate born;
        public Map<String, Integer> extra;
        public List<Person> friends;
    }

    @PostMapping("/people")
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(operationId = "register")
    @ApiResponse(responseCode = "2XX", description = "made")
    @ApiResponse(responseCode = "409", description = "no", content = @Content(mediaType = "application/problem+json",
        schema = @Schema(implementation = ProblemDetail.class)))
    public Person register(@RequestBody Person p) {
        if (!"segreto".equals(p.password)) {
            throw new IllegalStateException("not that password");
        }
        return p;
    }

    @ExceptionHandler(IllegalStateException.class)
    @ResponseStatus(HttpStatus.CONFLICT)
    public ProblemDetail wrong(IllegalStateException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, e.getMessage());
    }

    @GetMapping("/blobs/{id}")
    @Operation(operationId = "blob")
    public byte[] blob(@PathVariable int id) {
        return new byte[] {(byte) id, 0, -1};
    }

    @DeleteMapping("/people/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(operationId = "forget")
    public void forget(@PathVariable int id) {}

    @PostMapping(path = "/notes", consumes = MediaType.TEXT_PLAIN_VALUE, produces = MediaType.TEXT_PLAIN_VALUE)
    @Operation(operationId = "note")
    public String note(@RequestBody String text, @Parameter(hidden = true) @RequestHeader("Content-Type") String type,
        @Parameter(hidden = true) @RequestHeader("Accept-Encoding") String encoding) {
        return type + "|" + encoding + "|" + text;
    }
}
