package dev.coppice.agent.escalation;

/** An answer, with who gave it and why. */
public sealed interface Reply {
    /** The label. */
    String label();

    /** This device's own answer. */
    record FromDevice(OwnAnswer own, Why why) implements Reply {
        @Override
        public String label() {
            return own.label();
        }
    }

    /**
     * A larger model's answer, one of the labels.
     *
     * @param own what this device would have said
     * @param why the device asked: {@link Why#UNSURE} or {@link Why#OUT_OF_SCOPE}
     */
    record FromLargerModel(String label, OwnAnswer own, Why why) implements Reply {}

    /** Why it was that one who answered. */
    enum Why {
        /** The device is sure enough. */
        SURE,
        /** The device is not sure. */
        UNSURE,
        /** The text is not like those that the device has learned from. */
        OUT_OF_SCOPE,
        /** Sure or not, the app has given the device nobody to ask. */
        NOBODY_TO_ASK,
        /** The device is not sure, and the user does not allow to ask. */
        NOT_ALLOWED,
        /** The device is not sure, and has asked as often today as it may. */
        BUDGET_SPENT,
        /** The device is not sure, and the server failed so often that it is left alone for a while. */
        SERVER_LEFT_ALONE,
        /** The device is not sure, and nobody answered in time. */
        NO_ANSWER,
        /** The device is not sure, and what was answered is none of the labels. */
        NO_LABEL
    }
}
