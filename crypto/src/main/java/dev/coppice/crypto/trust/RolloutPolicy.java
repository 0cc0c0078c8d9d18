package dev.coppice.crypto.trust;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.Identifiers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which of the released packs of a skill devices are to use, by the word of the online role {@code rollout}. It can choose
 * among packs that release keys vouch for, or halt; it can bring no pack into being. Each device finds out by itself whether
 * it is among the first, so that nobody learns who is.
 *
 * @param sequence rises with each change; a device takes no lower one
 * @param lanes one for each class of devices, and one for all others
 */
public record RolloutPolicy(String skill, long sequence, List<Lane> lanes) {
    /** Longest policy in bytes. */
    public static final int BYTES_MAX = 1 << 16;

    /** The class of devices that have no lane of their own. */
    public static final String ALL_OTHERS = "*";

    private static final int LANES_MAX = 64;
    private static final int PERMILLE = 1000;

    /**
     * What devices of one class do.
     *
     * @param deviceClass 1 to 64 characters of [a-z0-9-], or {@value RolloutPolicy#ALL_OTHERS}
     * @param version the pack that is being rolled out
     * @param permille of the devices that use it, 0 to 1000
     * @param otherwise version for the rest, and for all once it is halted; 0 for the base model as it came
     */
    public record Lane(String deviceClass, long version, int permille, long otherwise, boolean halted) {
        public Lane {
            boolean named = deviceClass.equals(ALL_OTHERS) || Identifiers.isIdentifier(deviceClass);
            if (!named || version < 1 || permille < 0 || permille > PERMILLE || otherwise < 0) {
                throw new IllegalArgumentException("a lane of a rollout is out of range");
            }
        }
    }

    /** @throws IllegalArgumentException if a value is out of range, or a class has two lanes */
    public RolloutPolicy {
        lanes = List.copyOf(lanes);
        Set<String> classes = new HashSet<>();
        boolean once = lanes.stream().allMatch(lane -> classes.add(lane.deviceClass()));
        if (!Identifiers.isIdentifier(skill) || sequence < 1 || !once || lanes.size() > LANES_MAX) {
            throw new IllegalArgumentException("a rollout is out of range, or has two lanes for one class");
        }
    }

    /** The target that has the policy of a skill. */
    public static String path(String skill) {
        return "rollout/" + skill + ".json";
    }

    /**
     * The version that a device is to use; empty if nothing is said of its class.
     *
     * @param device whatever names the device, the same each time; each version draws anew who is among the first
     */
    public Optional<Long> version(String deviceClass, String device) {
        Optional<Lane> own = lane(deviceClass);
        return (own.isPresent() ? own : lane(ALL_OTHERS))
                .map(lane -> !lane.halted() && place(lane.version(), device) < lane.permille()
                        ? lane.version()
                        : lane.otherwise());
    }

    /** JSON; equal policies give equal bytes. */
    public byte[] toJson() {
        ObjectNode policy = MetadataJson.object();
        ArrayNode list = policy.putArray("lanes");
        for (Lane lane : lanes) {
            list.addObject()
                    .put("deviceClass", lane.deviceClass())
                    .put("halted", lane.halted())
                    .put("otherwise", lane.otherwise())
                    .put("permille", lane.permille())
                    .put("version", lane.version());
        }
        policy.put("sequence", sequence);
        policy.put("skill", skill);
        return MetadataJson.file(policy);
    }

    /**
     * Reads a policy.
     *
     * @throws MetadataRefusedException.Malformed if it is none
     */
    public static RolloutPolicy parse(byte[] json) throws MetadataRefusedException.Malformed {
        Fields.require(json.length <= BYTES_MAX, "a rollout has at most " + BYTES_MAX + " bytes");
        JsonNode policy = MetadataJson.parse(json);
        List<Lane> lanes = new ArrayList<>();
        try {
            for (JsonNode lane : Fields.array(policy, "lanes", LANES_MAX)) {
                lanes.add(new Lane(
                        Fields.text(lane, "deviceClass"),
                        Fields.number(lane, "version", 1),
                        (int) Math.min(PERMILLE + 1L, Fields.number(lane, "permille", 0)),
                        Fields.number(lane, "otherwise", 0),
                        Fields.flag(lane, "halted")));
            }
            return new RolloutPolicy(Fields.text(policy, "skill"), Fields.number(policy, "sequence", 1), lanes);
        } catch (IllegalArgumentException e) {
            throw new MetadataRefusedException.Malformed(String.valueOf(e.getMessage()));
        }
    }

    private Optional<Lane> lane(String deviceClass) {
        return lanes.stream()
                .filter(lane -> lane.deviceClass().equals(deviceClass))
                .findFirst();
    }

    /** 0 to 999, as good as uniform. */
    private int place(long version, String device) {
        byte[] hash = Sha256.hash((skill + "/" + version + "/" + device).getBytes(StandardCharsets.UTF_8));
        return Integer.remainderUnsigned(ByteBuffer.wrap(hash).getInt(), PERMILLE);
    }
}
