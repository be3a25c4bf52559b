using System.Net;

namespace CS3103P2P.NatLab;

/// <summary>Where a router's <c>wan</c> is plugged in: a port of the internet or of a carrier.</summary>
/// <param name="Thread">A thread in the namespace that owns the port.</param>
/// <param name="NamespaceName">That namespace.</param>
/// <param name="Port">The port's name there.</param>
/// <param name="PortCommands">Brings the port up once it exists.</param>
/// <param name="Addresses">The address for the n-th number that the router is given, n from 0.</param>
/// <param name="Gateway">The next router.</param>
internal sealed record Uplink(
    NamespaceThread Thread, string NamespaceName, string Port, IReadOnlyList<string> PortCommands, Func<int, IPAddress> Addresses,
    IPAddress Gateway);
