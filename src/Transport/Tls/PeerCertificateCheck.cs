using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport;

/// <summary>
/// Decides about the other side's certificate. Names, dates and issuers say nothing between peers; TLS itself proves the possession of the key
/// (RFC 8446 §4.4.3), and the key's hash is compared with the peer that was asked for, if any.
/// </summary>
internal sealed class PeerCertificateCheck(PeerId? expected)
{
    private const int KeyBits = 256;

    /// <summary>Whose key was proven; null until then, and when the certificate was refused.</summary>
    public PeerId? Remote { get; private set; }

    /// <summary>Why the certificate was refused; null when it was not.</summary>
    public PeerAuthenticationFailure? Failure { get; private set; }

    /// <summary>The callback of <see cref="SslStream"/>.</summary>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Remote = null;
        if (!TryReadId(certificate, out PeerId id)) Failure = PeerAuthenticationFailure.NoKey;
        else if (expected is { } wanted && wanted != id) Failure = PeerAuthenticationFailure.WrongPeer;
        else Remote = id;
        return Remote is not null;
    }

    private static bool TryReadId(X509Certificate? certificate, out PeerId id)
    {
        id = default;
        if (certificate is not X509Certificate2 shown) return false;
        try
        {
            using ECDsa? key = shown.GetECDsaPublicKey();
            if (key is null || key.KeySize != KeyBits) return false;
            id = PeerIdentity.IdOf(shown.PublicKey);
            return true;
        }
        catch (CryptographicException)
        {
            return false;   // a key that cannot be read is no key
        }
    }
}
