using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Stun;

/// <summary>What a <see cref="PortMapper"/> asks routers for.</summary>
public sealed class PortMapperOptions
{
    /// <summary>The local port to be reached from outside, 1 to 65535, and the outer port that is wished for.</summary>
    public required int Port { get; init; }

    /// <summary>Whether the TCP port of the same number is mapped too. Default: true.</summary>
    public bool MapTcp { get; init; } = true;

    /// <summary>Whether the IPv6 firewall is asked for a pinhole by PCP. Default: true.</summary>
    public bool OpenIpv6Pinholes { get; init; } = true;

    /// <summary>How long a mapping lives without renewal; 2 minutes to 1 day. Default: 2 hours (RFC 6886 §3.3).</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(2);

    /// <summary>The name that a router's owner sees beside the mapping (UPnP), at most 32 ASCII letters, digits, spaces and dashes.</summary>
    public string Description { get; init; } = "CS3103P2P";

    /// <summary>The IPv4 router; null (the default) finds the default route's and follows its changes.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>Our address on the router's network; required with <see cref="Gateway"/>, otherwise found.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>Called on every change, from the mapper's own loop: return quickly, do not throw.</summary>
    public Action<PortMappingStatus>? OnStatusChanged { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where to log; null for nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>The port of PCP and NAT-PMP servers; other than 5351 only in tests.</summary>
    internal int ControlPort { get; init; } = 5351;

    /// <summary>The port of SSDP; other than 1900 only in tests.</summary>
    internal int SsdpPort { get; init; } = 1900;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Port, 1, nameof(Port));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, ushort.MaxValue, nameof(Port));
        ArgumentOutOfRangeException.ThrowIfLessThan(Lifetime, TimeSpan.FromMinutes(2), nameof(Lifetime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Lifetime, TimeSpan.FromDays(1), nameof(Lifetime));
        if (Description.Length is 0 or > 32 || !Description.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '-'))
            throw new ArgumentException("A description has 1 to 32 ASCII letters, digits, spaces and dashes.", nameof(Description));
        if (Gateway is null != LocalAddress is null)
            throw new ArgumentException("Gateway and LocalAddress are given together or not at all.", nameof(Gateway));
        if (Gateway is not null && (Gateway.AddressFamily != AddressFamily.InterNetwork || LocalAddress!.AddressFamily != AddressFamily.InterNetwork))
            throw new ArgumentException("Gateway and LocalAddress are IPv4 addresses.", nameof(Gateway));
    }
}
