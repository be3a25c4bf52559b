namespace CS3103P2P.Tracker;

/// <summary>Why the tracker could not start; a program can switch on it.</summary>
public enum TrackerErrorReason
{
    /// <summary>Something else; the message tells.</summary>
    Other = 0,

    /// <summary>The port needs privileges that the process lacks.</summary>
    PermissionDenied,

    /// <summary>Another program has the port.</summary>
    PortInUse,

    /// <summary>The address is not one of this machine's.</summary>
    AddressUnavailable,

    /// <summary>The snapshot of the registry cannot be read or written.</summary>
    StateUnusable,
}
