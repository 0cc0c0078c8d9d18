package dev.coppice.aggregator.access;

import java.util.List;

/**
 * What somebody may do, by the names that tokens of an identity provider use too: {@link #VIEWER} reads, {@link #OPERATOR}
 * runs tasks and enrols devices, {@link #RELEASER} publishes packs and moves them out. {@link #SCRAPER} is no person's: it reads
 * figures alone.
 */
public final class Role {
    public static final String VIEWER = "viewer";
    public static final String OPERATOR = "operator";
    public static final String RELEASER = "releaser";

    static final String SCRAPER = "scraper";

    /** People's. */
    static final List<String> ALL = List.of(VIEWER, OPERATOR, RELEASER);

    private Role() {}
}
