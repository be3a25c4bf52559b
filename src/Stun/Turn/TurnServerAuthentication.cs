using System.Text;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun;

/// <summary>Checks the long-term credentials of requests to a TURN server (RFC 8489 §9.2.4).</summary>
internal sealed class TurnServerAuthentication
{
    private const int MaxUsernameBytes = TurnCredentials.MaxUsernameLength * 3;

    private readonly TurnServerOptions _options;
    private readonly TurnNonces _nonces;
    private readonly long _unixSecondsAtZero;
    private readonly Dictionary<string, string> _passwords;
    private readonly byte[] _realm;

    public TurnServerAuthentication(TurnServerOptions options, ReadOnlySpan<byte> nonceKey, long unixSecondsAtZero)
    {
        _options = options;
        _nonces = new TurnNonces(nonceKey);
        _unixSecondsAtZero = unixSecondsAtZero;
        _passwords = options.Users.ToDictionary(u => u.Username, u => u.Password, StringComparer.Ordinal);
        _realm = Encoding.UTF8.GetBytes(options.Realm);
    }

    /// <summary>Checks a request.</summary>
    /// <returns>0 when it is in order; else the error code to answer with.</returns>
    public int Check(MonotonicTime now, TurnClientKey client, in StunMessage request, out TurnUser user)
    {
        user = default;
        if (!request.Has(StunAttributeType.MessageIntegrity)) return StunErrorCodes.Unauthenticated;
        bool complete = request.TryGet(StunAttributeType.Username, out ReadOnlySpan<byte> name)
            & request.TryGet(StunAttributeType.Realm, out ReadOnlySpan<byte> realm)
            & request.TryGet(StunAttributeType.Nonce, out ReadOnlySpan<byte> nonce);
        if (!complete || name.Length > MaxUsernameBytes) return StunErrorCodes.BadRequest;
        if (!_nonces.IsValid(now, client.Address, nonce)) return StunErrorCodes.StaleNonce;
        string username = Encoding.UTF8.GetString(name);
        if (!realm.SequenceEqual(_realm) || !TryGetPassword(now, username, out string? password)) return StunErrorCodes.Unauthenticated;
        byte[] key = StunCredentials.LongTermKey(username, _options.Realm, password!);
        if (!StunIntegrity.VerifySha1(request, key)) return StunErrorCodes.Unauthenticated;
        user = new TurnUser(username, key);
        return 0;
    }

    /// <summary>Adds what a client needs to try again.</summary>
    public void WriteChallenge(MonotonicTime now, TurnClientKey client, ref StunMessageWriter writer)
    {
        Span<byte> nonce = stackalloc byte[TurnNonces.SizeInBytes];
        _nonces.Write(now, client.Address, nonce);
        writer.Write(StunAttributeType.Realm, _realm);
        writer.Write(StunAttributeType.Nonce, nonce);
    }

    private bool TryGetPassword(MonotonicTime now, string username, out string? password)
    {
        if (_passwords.TryGetValue(username, out password)) return true;
        long unixSeconds = _unixSecondsAtZero + (now.Micros / 1_000_000);
        return _options.SharedSecret is { } secret && TurnCredentials.TryGetEphemeralPassword(secret, username, unixSeconds, out password);
    }
}
