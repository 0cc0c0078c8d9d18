package dev.coppice.simulator.population;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;

/**
 * Two groups of made-up people that never overlap: a person is a hash of the crowd's name, a seed and a number, and
 * only the {@link #APP} crowd uses the phrases of the demo's app.
 */
enum Crowd {
    /** The people that base models are pretrained on. */
    GENERAL("general", 0, 0.1, 0.5),
    /** The users of the demo's app, who have phrases in common that the others do not know. */
    APP("app", 0.36, 0.18, 0.7);

    private final String name;
    private final double appShare;
    private final double privateShare;
    private final double unevenness;

    Crowd(String name, double appShare, double privateShare, double unevenness) {
        this.name = name;
        this.appShare = appShare;
        this.privateShare = privateShare;
        this.unevenness = unevenness;
    }

    /** How often such people use a phrase of the app where everybody's phrase would do, 0 to 1. */
    double appShare() {
        return appShare;
    }

    /** How often such people say something that only they understand, 0 to 1. */
    double privateShare() {
        return privateShare;
    }

    /** The name of the list in the phrase book that private words come from; the two crowds share none. */
    String privateWords() {
        return name + " private";
    }

    /** Unique over crowds, seeds and numbers. */
    String personId(long seed, int number) {
        return name + "-" + seed + "-" + number;
    }

    /** A person; equal arguments give a person who says the same things in the same order. */
    Speaker speaker(long seed, int number) {
        return new Speaker(this, Phrasebook.shipped(), random(personId(seed, number)));
    }

    /** What all people of this crowd ask for more or less often. */
    Weighted<String> labels() {
        return Weighted.spread(Phrasebook.shipped().labels(), unevenness, random(name));
    }

    private static SplittableRandom random(String identity) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(("coppice/" + identity).getBytes(StandardCharsets.UTF_8));
            return new SplittableRandom(ByteBuffer.wrap(hash).getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
