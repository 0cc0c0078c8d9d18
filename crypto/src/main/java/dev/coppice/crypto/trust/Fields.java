package dev.coppice.crypto.trust;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.regex.Pattern;

/** Takes values out of metadata, each of the type and in the range it must have. */
final class Fields {
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    private static final Pattern SPECIFICATION = Pattern.compile("1(\\.\\d{1,4}){1,2}");
    /** The largest whole number that every JSON reader has exactly. */
    private static final long NUMBER_MAX = (1L << 53) - 1;

    private Fields() {}

    static void require(boolean holds, String rule) throws MetadataRefusedException.Malformed {
        if (!holds) {
            throw new MetadataRefusedException.Malformed(rule);
        }
    }

    static JsonNode object(JsonNode in, String name) throws MetadataRefusedException.Malformed {
        JsonNode value = in.path(name);
        require(value.isObject(), name + " is an object");
        return value;
    }

    static JsonNode array(JsonNode in, String name, int sizeMax) throws MetadataRefusedException.Malformed {
        JsonNode value = in.path(name);
        require(value.isArray() && value.size() <= sizeMax, name + " is a list of at most " + sizeMax);
        return value;
    }

    static String text(JsonNode in, String name) throws MetadataRefusedException.Malformed {
        JsonNode value = in.path(name);
        require(value.isTextual(), name + " is a text");
        return value.textValue();
    }

    static boolean flag(JsonNode in, String name) throws MetadataRefusedException.Malformed {
        JsonNode value = in.path(name);
        require(value.isBoolean(), name + " is true or false");
        return value.booleanValue();
    }

    static long number(JsonNode in, String name, long least) throws MetadataRefusedException.Malformed {
        JsonNode value = in.path(name);
        require(value.isIntegralNumber() && value.canConvertToLong(), name + " is a whole number");
        long number = value.longValue();
        require(number >= least && number <= NUMBER_MAX, name + " is out of range");
        return number;
    }

    static Instant expires(JsonNode in) throws MetadataRefusedException.Malformed {
        String time = text(in, "expires");
        require(TIME.matcher(time).matches(), "expires is a time like 2030-01-31T00:00:00Z");
        try {
            return Instant.parse(time);
        } catch (DateTimeException e) {
            throw new MetadataRefusedException.Malformed("expires is no time");
        }
    }

    /** That it is metadata of this type, in a version of the specification that we know. */
    static void header(JsonNode signed, String type) throws MetadataRefusedException.Malformed {
        require(text(signed, "_type").equals(type), "_type is " + type);
        require(SPECIFICATION.matcher(text(signed, "spec_version")).matches(), "spec_version is 1");
    }
}
