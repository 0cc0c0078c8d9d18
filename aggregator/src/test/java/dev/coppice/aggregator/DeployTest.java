package dev.coppice.aggregator;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What deploy/ says is what the aggregator understands; it cannot be run here. */
class DeployTest {
    private static final Path DEPLOY = Path.of("../deploy");
    private static final Pattern OPTION = Pattern.compile("--[a-z]+");

    private static Map<String, Object> yaml(String file) throws Exception {
        return new Yaml().load(Files.readString(DEPLOY.resolve(file)));
    }

    private static Map<?, ?> services() throws Exception {
        return (Map<?, ?>) requireNonNull(yaml("compose/compose.yaml").get("services"));
    }

    @Test
    void allOptionsAreTheAggregators() throws Exception {
        Set<String> used = new TreeSet<>();
        Map<?, ?> services = services();
        for (String name : List.of("replica-1", "replica-2", "replica-3")) {
            List<?> command = (List<?>) requireNonNull(((Map<?, ?>) requireNonNull(services.get(name))).get("command"));
            assertThat(command.getFirst()).isEqualTo("aggregator");
            command.stream()
                    .map(String::valueOf)
                    .filter(word -> word.startsWith("--"))
                    .forEach(used::add);
        }
        for (String file : List.of("helm/coppice/templates/aggregator.yaml", "systemd/coppice-aggregator.service")) {
            Matcher options = OPTION.matcher(Files.readString(DEPLOY.resolve(file)));
            while (options.find()) {
                used.add(options.group());
            }
        }
        assertThat(used).contains("--database", "--kafka", "--blobs", "--secrets", "--home");
        assertThat(used).allSatisfy(option -> assertThat(Application.help()).contains(option + " "));
    }

    /** All of it but the chart's templates, which are no YAML before they are rendered. */
    @Test
    void everyFileParses() throws Exception {
        List<Path> parsed = new ArrayList<>();
        try (Stream<Path> files = Files.walk(DEPLOY)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.toString();
                if (name.endsWith(".json")) {
                    assertThat(new ObjectMapper().readTree(file.toFile()).isObject())
                            .isTrue();
                    parsed.add(file);
                } else if (name.matches(".*\\.ya?ml") && !name.contains("templates")) {
                    assertThat(new Yaml().<Map<String, Object>>load(Files.readString(file)))
                            .isNotEmpty();
                    parsed.add(file);
                }
            }
        }
        assertThat(parsed).hasSizeGreaterThan(7);
    }

    /** What compose mounts and prometheus reads is there. */
    @Test
    void filesThatAreMountedExist() throws Exception {
        Map<?, ?> services = services();
        List<String> mounted = new ArrayList<>();
        for (Object service : services.values()) {
            Object volumes = ((Map<?, ?>) service).get("volumes");
            if (volumes instanceof List<?> all) {
                all.stream()
                        .map(String::valueOf)
                        .filter(volume -> volume.startsWith("."))
                        .forEach(mounted::add);
            }
        }
        assertThat(mounted)
                .hasSizeGreaterThan(4)
                .allSatisfy(volume -> assertThat(DEPLOY.resolve("compose").resolve(volume.split(":", -1)[0]))
                        .exists());
    }
}
