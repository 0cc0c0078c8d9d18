package dev.coppice.aggregator.store;

/** Why a round was abandoned. But for the last three, no sum of it was unmasked. */
public enum AbortReason {
    /** It was not. */
    NONE,
    /** An operator halted training: what was on its way is not summed up. */
    HALTED,
    /** There were more merges since it began than its task takes sums of. */
    TOO_STALE,
    /** Its task was over before a device joined. */
    TASK_OVER,
    /** Fewer devices advertised than a cohort needs. */
    TOO_FEW_DEVICES,
    /** No graph keeps the task's bounds for the devices that came. */
    COHORT_REFUSED,
    /** Too few of the devices whose nonces decide the graph opened them. */
    TOO_FEW_OPENED,
    /** More devices than the drop-out bound allows were gone before they had shared. */
    TOO_FEW_SHARED,
    /** More devices than the drop-out bound allows were gone before their masked input. */
    TOO_FEW_MASKED,
    /** The masked inputs could not be collected from their log in time, or some that had been taken were not in it. */
    INPUTS_MISSING,
    /** The aggregator was restored from a backup, and what it had told devices since is not known. */
    RESTORED,
    /** Honest devices would refuse the survivors: too few in every group, or they do not hang together on its graph. */
    SURVIVORS_REFUSED,
    /** In no group did enough devices attest the survivors for honest ones to go on. */
    TOO_FEW_ATTESTED,
    /** In no group did enough devices answer in the last step to take the masks off. */
    SHARES_MISSING,
    /** No sum is one that honest devices could make: some put in what no update is encoded as. */
    SUM_IMPLAUSIBLE,
    /** Fewer groups have a sum than robust merging needs. */
    TOO_FEW_GROUPS,
    /** The merged adapter would hold values that are not finite. */
    RESULT_NOT_FINITE
}
