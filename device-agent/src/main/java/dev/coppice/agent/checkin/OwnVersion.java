package dev.coppice.agent.checkin;

import dev.coppice.protocol.round.AgentVersions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this agent, as the build noted it in the jar. */
final class OwnVersion {
    static final int NUMBER = AgentVersions.of(noted());

    private OwnVersion() {}

    private static String noted() {
        Properties properties = new Properties();
        try (InputStream in = OwnVersion.class.getResourceAsStream("version.properties")) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks version.properties");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("the jar cannot be read", e);
        }
        return properties.getProperty("version", "");
    }
}
