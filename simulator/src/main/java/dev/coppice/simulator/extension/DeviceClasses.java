package dev.coppice.simulator.extension;

import java.util.List;

/** A set of device classes that scenarios can name in place of listing their own. */
public interface DeviceClasses extends Named {
    List<DeviceClass> classes();
}
