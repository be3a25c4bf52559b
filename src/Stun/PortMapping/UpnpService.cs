namespace CS3103P2P.Stun.PortMapping;

/// <summary>A service of the router that maps ports.</summary>
/// <param name="Type">Its URN, with the version.</param>
/// <param name="ControlUrl">Where its actions go, as the description writes it.</param>
internal sealed record UpnpService(string Type, string ControlUrl)
{
    /// <summary>Whether it has AddAnyPortMapping, by which the router chooses a free port (WANIPConnection:2 §2.5.16).</summary>
    public bool CanChoosePort => Type.EndsWith("WANIPConnection:2", StringComparison.Ordinal);
}
