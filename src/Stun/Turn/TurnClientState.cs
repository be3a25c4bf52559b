namespace CS3103P2P.Stun;

/// <summary>Where a TURN client stands.</summary>
public enum TurnClientState
{
    /// <summary>Not started.</summary>
    Idle = 0,

    /// <summary>The allocation is being asked for.</summary>
    Allocating,

    /// <summary>The relayed address exists.</summary>
    Ready,

    /// <summary>The allocation is being given back.</summary>
    Closing,

    /// <summary>The allocation was given back.</summary>
    Closed,

    /// <summary>The allocation was refused or lost; <see cref="TurnClientMachine.Failure"/> says why.</summary>
    Failed,
}
