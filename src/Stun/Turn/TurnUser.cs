namespace CS3103P2P.Stun;

/// <summary>Who made a request to a TURN server, and the key that signs the answer.</summary>
internal readonly record struct TurnUser(string Name, byte[] Key)
{
    /// <summary>The name under which allocations are counted: without the expiry of an ephemeral user.</summary>
    public string Account
    {
        get
        {
            int colon = Name.IndexOf(':', StringComparison.Ordinal);
            bool isEphemeral = colon > 0 && !Name.AsSpan(0, colon).ContainsAnyExceptInRange('0', '9');
            return isEphemeral ? Name[(colon + 1)..] : Name;
        }
    }
}
