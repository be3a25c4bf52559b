namespace CS3103P2P.Peer.Tests.Connectivity;

/// <summary>What a <see cref="HandPeer"/> does wrong when it plays a server.</summary>
public enum Misdeed
{
    Silence,
    WrongLength,
    WrongPlace,
    Close,
    RefuseEverything,
    WrongHashes,
    OtherShare,
}
