package dev.coppice.aggregator.budget;

import dev.coppice.aggregator.store.LedgerStore;
import dev.coppice.aggregator.store.LedgerStore.Part;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.PrivacyLedger;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import dev.coppice.crypto.privacy.PrivacyLedger.Statement;
import dev.coppice.crypto.privacy.PrivacyLedger.Total;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.DeviceSpent;
import java.time.Instant;

/**
 * What devices have spent here: advice to them, and to us whom to leave alone. Each device has a ledger of its own, which
 * alone decides. For any number of threads.
 */
public final class DeviceAccounts {
    private final LedgerStore store;
    private final PeriodBudget budget;
    private final SigningKey server;

    /** @param budget that devices are left alone beyond; their own may be smaller */
    public DeviceAccounts(LedgerStore store, PeriodBudget budget, SigningKey server) {
        this.store = store;
        this.budget = budget;
        this.server = server;
    }

    /** What a device has spent here up to {@code now}. */
    public Statement statement(String deviceId, Instant now) {
        PrivacyLedger ledger = new PrivacyLedger();
        for (Part part : store.parts(deviceId)) {
            ledger.add(part.taken(), new Charge(part.noiseMultiplier()));
        }
        return ledger.statement(budget, now);
    }

    /** The same as the device is told it. A key signs for one thread at a time. */
    public Signed signed(String deviceId, Statement statement) {
        Total ever = statement.ever();
        DeviceSpent spent = DeviceSpent.newBuilder()
                .setDeviceId(deviceId)
                .setParticipations((int) Math.min(ever.participations(), Limits.PARTICIPATIONS_MAX))
                .setRho(ever.rho())
                .build();
        return SignedMessages.sign(server, Purpose.DEVICE_SPENT, spent);
    }
}
