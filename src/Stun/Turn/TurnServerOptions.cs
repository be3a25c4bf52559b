namespace CS3103P2P.Stun;

/// <summary>What a TURN server allows.</summary>
public sealed class TurnServerOptions
{
    /// <summary>The realm told to clients, up to 32 ASCII characters: a challenge must be short. Default <c>cs3103p2p</c>.</summary>
    public string Realm { get; init; } = "cs3103p2p";

    /// <summary>The secret behind ephemeral users (<see cref="TurnCredentials.CreateEphemeral"/>); null when there are none.</summary>
    public string? SharedSecret { get; init; }

    /// <summary>Users with a lasting password. Default: none.</summary>
    public IReadOnlyList<TurnCredentials> Users { get; init; } = [];

    /// <summary>Most allocations at a time. Default 1,000, range 1 to 60,000.</summary>
    public int MaxAllocations { get; init; } = 1000;

    /// <summary>Most allocations of one user; ephemeral users count by the part behind the expiry. Default 16, range 1 to 60,000.</summary>
    public int MaxAllocationsPerUser { get; init; } = 16;

    /// <summary>The lifetime of an allocation whose client asks for none, or for less. Default 10 minutes (RFC 8656 §3.2).</summary>
    public TimeSpan DefaultLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest lifetime granted. Default 1 hour.</summary>
    public TimeSpan MaxLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes that one allocation may relay in a second, both directions together; more is dropped. Default 0: no limit.</summary>
    public long MaxBytesPerSecond { get; init; }

    /// <summary>
    /// Lets clients reach peers in private, link-local and loopback networks. Default false: else the relay would be a door into the
    /// network where it stands (RFC 8656 §21.2).
    /// </summary>
    public bool AllowPrivatePeers { get; init; }

    internal void Validate()
    {
        const int Most = 60_000;
        const int MaxRealmBytes = 32;   // an Allocate of 28 bytes allows a challenge of 84
        ArgumentException.ThrowIfNullOrEmpty(Realm);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(System.Text.Encoding.UTF8.GetByteCount(Realm), MaxRealmBytes, nameof(Realm));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAllocations, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxAllocations, Most);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAllocationsPerUser, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxAllocationsPerUser, Most);
        ArgumentOutOfRangeException.ThrowIfLessThan(DefaultLifetime, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxLifetime, DefaultLifetime);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxBytesPerSecond);
        if (SharedSecret is null && Users.Count == 0) throw new ArgumentException("A relay without users would serve everybody.", nameof(Users));
    }
}
