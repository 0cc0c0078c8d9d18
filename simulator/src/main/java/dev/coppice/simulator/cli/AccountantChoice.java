package dev.coppice.simulator.cli;

import dev.coppice.crypto.privacy.accounting.Accountant;
import dev.coppice.crypto.privacy.accounting.AnalyticGaussian;
import dev.coppice.crypto.privacy.accounting.ConcentratedAccountant;
import dev.coppice.crypto.privacy.accounting.PldAccountant;
import dev.coppice.crypto.privacy.accounting.RdpAccountant;
import java.util.Locale;

/** The accountants that can be asked. Renyi is the one that devices charge by. */
enum AccountantChoice {
    RDP,
    PLD,
    ANALYTIC,
    ZCDP;

    static final String HELP = "${COMPLETION-CANDIDATES}: Renyi divergences, by which devices charge; privacy loss"
            + " distribution; closed form; zero-concentrated (default: ${DEFAULT-VALUE})";

    Accountant accountant() {
        return switch (this) {
            case RDP -> RdpAccountant.usual();
            case PLD -> PldAccountant.usual();
            case ANALYTIC -> AnalyticGaussian.usual();
            case ZCDP -> ConcentratedAccountant.usual();
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
