package dev.coppice.adapters.inference;

import java.util.List;

/**
 * Cuts a text that comes in pieces before the first stop text in it, which may span pieces: what may be the beginning of
 * one is held back. Not thread-safe.
 */
final class StopTexts {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean found;

    /** @param stops none is empty */
    StopTexts(List<String> stops) {
        this.stops = List.copyOf(stops);
    }

    /** What can be told now that this piece is there. */
    String add(String piece) {
        if (found) {
            return "";
        }
        held.append(piece);
        int end = firstStop();
        if (end >= 0) {
            found = true;
            held.setLength(end);
            return rest();
        }
        String told = held.substring(0, held.length() - beginnings());
        held.delete(0, told.length());
        return told;
    }

    /** Whether a stop text has come. */
    boolean found() {
        return found;
    }

    /** What was held back; nothing follows. */
    String rest() {
        String rest = held.toString();
        held.setLength(0);
        return rest;
    }

    private int firstStop() {
        return stops.stream()
                .mapToInt(held::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElse(-1);
    }

    /** Length of the longest end of the held text that some stop text begins with. */
    private int beginnings() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
