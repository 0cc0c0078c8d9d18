package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import com.google.protobuf.ByteString;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Attributes of one node, by name. Immutable: {@code Attributes.none().integer("axis", -1).real("epsilon", 1e-5f)}. */
public final class Attributes {
    private static final Attributes NONE = new Attributes(new TreeMap<>());
    private final SortedMap<String, AttributeProto> byName;

    private Attributes(SortedMap<String, AttributeProto> byName) {
        this.byName = byName;
    }

    public static Attributes none() {
        return NONE;
    }

    /** Of a product {@code alpha a' b'}, where a prime means transposed if so wished; what is usual is left out. */
    public static Attributes product(boolean transA, boolean transB, float alpha) {
        Attributes left = transA ? NONE.integer("transA", 1) : NONE;
        Attributes both = transB ? left.integer("transB", 1) : left;
        return alpha == 1 ? both : both.real("alpha", alpha);
    }

    static Attributes of(List<AttributeProto> attributes) {
        SortedMap<String, AttributeProto> byName = new TreeMap<>();
        attributes.forEach(attribute -> byName.put(attribute.getName(), attribute));
        return new Attributes(byName);
    }

    public Attributes integer(String name, long value) {
        return with(attribute(name, AttributeType.INT).setI(value));
    }

    public Attributes real(String name, float value) {
        return with(attribute(name, AttributeType.FLOAT).setF(value));
    }

    public Attributes text(String name, String value) {
        return with(attribute(name, AttributeType.STRING).setS(ByteString.copyFromUtf8(value)));
    }

    public Attributes integers(String name, long... values) {
        AttributeProto.Builder attribute = attribute(name, AttributeType.INTS);
        for (long value : values) {
            attribute.addInts(value);
        }
        return with(attribute);
    }

    public Attributes tensor(String name, Tensor value) {
        return with(attribute(name, AttributeType.TENSOR).setT(Protos.tensor("", value)));
    }

    /** The others, without this one. */
    Attributes without(String name) {
        SortedMap<String, AttributeProto> fewer = new TreeMap<>(byName);
        fewer.remove(name);
        return new Attributes(fewer);
    }

    /** A graph, as the branches of {@code If} have it. */
    public Attributes graph(String name, GraphProto graph) {
        return with(attribute(name, AttributeType.GRAPH).setG(graph));
    }

    public long integer(String name) {
        return find(name)
                .orElseThrow(() -> new GraphRefusedException("attribute " + name + " is missing"))
                .getI();
    }

    public long integerOr(String name, long otherwise) {
        return find(name).map(AttributeProto::getI).orElse(otherwise);
    }

    public float realOr(String name, float otherwise) {
        return find(name).map(AttributeProto::getF).orElse(otherwise);
    }

    public String textOr(String name, String otherwise) {
        return find(name).map(attribute -> attribute.getS().toStringUtf8()).orElse(otherwise);
    }

    /** The list, if there is one. */
    public Optional<long[]> findIntegers(String name) {
        return find(name)
                .map(attribute -> attribute.getIntsList().stream()
                        .mapToLong(Long::longValue)
                        .toArray());
    }

    /** The attribute as ONNX has it. */
    public Optional<AttributeProto> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    Collection<AttributeProto> all() {
        return byName.values();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Attributes that && byName.equals(that.byName);
    }

    @Override
    public int hashCode() {
        return byName.hashCode();
    }

    private Attributes with(AttributeProto.Builder attribute) {
        SortedMap<String, AttributeProto> more = new TreeMap<>(byName);
        more.put(attribute.getName(), attribute.build());
        return new Attributes(more);
    }

    private static AttributeProto.Builder attribute(String name, AttributeType type) {
        return AttributeProto.newBuilder().setName(name).setType(type);
    }
}
