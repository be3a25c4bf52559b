namespace CS3103P2P.Simulation;

/// <summary>What goes wrong.</summary>
internal enum FaultKind
{
    KillProgram,
    CutPower,
    Sleep,
    ChangeNetwork,
    RebootNat,
    Unplug,
    BadLink,
    FullDisk,
    FailingDisk,
    ClockJump,
    RestartTracker,
    RestartRelay,
    Roam,
}
