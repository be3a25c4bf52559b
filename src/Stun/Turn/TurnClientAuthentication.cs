using System.Text;

namespace CS3103P2P.Stun;

/// <summary>The long-term credential of a TURN client (RFC 8489 §9.2): realm and nonce as the server last told them, and the key.</summary>
internal sealed class TurnClientAuthentication(TurnCredentials? credentials)
{
    /// <summary>Longest realm or nonce that is kept, in bytes; so that a request with both fits in a datagram.</summary>
    private const int MaxTextBytes = 509;

    private byte[] _realm = [];
    private byte[] _nonce = [];
    private byte[] _key = [];

    /// <summary>Whether requests are signed.</summary>
    public bool IsActive => _key.Length != 0;

    /// <summary>Learns realm and nonce from an error response 401 or 438; false when it has none, or there are no credentials.</summary>
    public bool TryLearn(in StunMessage response)
    {
        if (credentials is null || !response.TryGet(StunAttributeType.Nonce, out ReadOnlySpan<byte> nonce)) return false;
        if (!response.TryGet(StunAttributeType.Realm, out ReadOnlySpan<byte> realm)) realm = _realm;
        if (realm.IsEmpty || realm.Length > MaxTextBytes || nonce.Length > MaxTextBytes) return false;
        _nonce = nonce.ToArray();
        _realm = realm.ToArray();
        _key = StunCredentials.LongTermKey(credentials.Username, Encoding.UTF8.GetString(_realm), credentials.Password);
        return true;
    }

    /// <summary>Adds USERNAME, REALM, NONCE and MESSAGE-INTEGRITY once the server has asked for them.</summary>
    public void Sign(ref StunMessageWriter writer)
    {
        if (!IsActive) return;
        writer.Write(StunAttributeType.Username, credentials!.Username);
        writer.Write(StunAttributeType.Realm, _realm);
        writer.Write(StunAttributeType.Nonce, _nonce);
        writer.WriteMessageIntegrity(_key);
    }

    /// <summary>Whether the answer to a signed request is signed rightly.</summary>
    public bool Verify(in StunMessage response) => !IsActive || StunIntegrity.VerifySha1(response, _key);
}
