namespace CS3103P2P.Tracker.Registry;

/// <summary>A connection offer for a peer whose NAT lets only another tracker's datagrams in, so that that one has to forward it.</summary>
/// <param name="Tracker">The other tracker.</param>
/// <param name="Target">The registrant that it is for.</param>
/// <param name="Message">The datagram.</param>
internal sealed record RemoteOffer(Guid Tracker, RegistrantKey Target, byte[] Message);
