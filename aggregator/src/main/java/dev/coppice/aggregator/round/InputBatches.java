package dev.coppice.aggregator.round;

import dev.coppice.crypto.masking.MaskedSum;
import dev.coppice.crypto.masking.MessageRefusedException;
import dev.coppice.protocol.round.MaskedInput;
import java.util.ArrayList;
import java.util.List;

/** Adds masked inputs to the sums of their groups, many at a time, which is faster than one by one. */
final class InputBatches {
    private static final int WAITING_BYTES_MAX = 32 << 20;

    private final List<MaskedSum> sums;
    private final List<List<MaskedInput>> waiting = new ArrayList<>();
    private long waitingBytes;

    /** @param sums one for each group */
    InputBatches(List<MaskedSum> sums) {
        this.sums = sums;
        sums.forEach(sum -> waiting.add(new ArrayList<>()));
    }

    void add(int group, MaskedInput input) {
        waiting.get(group).add(input);
        waitingBytes += input.getPacked().size();
        if (waitingBytes >= WAITING_BYTES_MAX) {
            addWaiting();
        }
    }

    /** With all that was added in them. */
    List<MaskedSum> sums() {
        addWaiting();
        return sums;
    }

    private void addWaiting() {
        for (int group = 0; group < sums.size(); group++) {
            try {
                sums.get(group).add(waiting.get(group));
            } catch (MessageRefusedException e) {
                throw new IllegalStateException("A stored masked input was checked before", e);
            }
            waiting.get(group).clear();
        }
        waitingBytes = 0;
    }
}
