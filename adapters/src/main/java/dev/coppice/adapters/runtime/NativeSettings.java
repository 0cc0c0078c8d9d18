package dev.coppice.adapters.runtime;

/** Settings of the native loader that apps which embed this need not know of. */
final class NativeSettings {
    /** Key of the folder in which a session looks for files of weights when its model comes from memory. */
    static final String WEIGHTS_FOLDER = "session.model_external_initializers_file_folder_path";

    private static final String MEMORY_GUARD = "org.bytedeco.javacpp.maxPhysicalBytes";

    private NativeSettings() {}

    /**
     * Switches off the loader's guard against native memory beyond a multiple of the heap (sessions are bounded and
     * closed here) unless the app has set it.
     */
    static void apply() {
        if (System.getProperty(MEMORY_GUARD) == null) {
            System.setProperty(MEMORY_GUARD, "0");
        }
    }
}
