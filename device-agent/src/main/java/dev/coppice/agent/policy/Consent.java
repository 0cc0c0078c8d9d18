package dev.coppice.agent.policy;

/** What a device's user can allow, each by itself. Nothing is allowed before it was asked for. */
public enum Consent {
    /** To keep examples on the device and to adapt the model to them, for this device alone. */
    LEARN,
    /**
     * To take part in rounds: clipped, noised and masked updates leave the device, and figures of how skill packs do on it,
     * in the same way.
     */
    CONTRIBUTE,
    /** To ask a larger model elsewhere where this device is not sure: redacted questions leave the device. */
    ASK_ONLINE
}
