package dev.coppice.aggregator;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * The Kafka cluster that masked inputs go through, if there is one.
 *
 * @param bootstrap {@code host:port}, several with commas between; empty for none
 * @param prefix of the names of all topics
 * @param config a properties file with settings of Kafka's clients, as for TLS and passwords; empty for none
 */
@ConfigurationProperties("coppice.kafka")
record KafkaSettings(
        @Bindable(defaultValue = "") String bootstrap,
        @Bindable(defaultValue = "coppice") String prefix,
        @Bindable(defaultValue = "") String config) {
    Properties client() throws IOException {
        Properties client = new Properties();
        if (!config.isEmpty()) {
            try (Reader reader = Files.newBufferedReader(Path.of(config), StandardCharsets.UTF_8)) {
                client.load(reader);
            }
        }
        client.setProperty("bootstrap.servers", bootstrap);
        return client;
    }
}
