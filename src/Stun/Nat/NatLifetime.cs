namespace CS3103P2P.Stun;

/// <summary>How long a NAT keeps a mapping that was used once and then lay idle (RFC 5780 §4.6).</summary>
/// <param name="AtLeast">The longest pause after which it was still there.</param>
/// <param name="Below">The shortest pause after which it was gone; null when it outlived every pause that was tried.</param>
public sealed record NatLifetime(TimeSpan AtLeast, TimeSpan? Below);
