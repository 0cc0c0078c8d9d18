package dev.coppice.aggregator.round;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;

/** Reads back messages that were checked before they were stored. */
final class Stored {
    private Stored() {}

    static <M> M parse(Parser<M> parser, ByteString bytes) {
        try {
            CodedInputStream input = bytes.newCodedInput();
            input.enableAliasing(true);
            return parser.parseFrom(input);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("A stored message does not parse", e);
        }
    }
}
