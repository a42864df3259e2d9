using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Host.Notifications;

/// <summary>
/// Signs what a webhook gets, so that the receiver knows who sent it, and that it is neither changed nor old: HMAC-SHA256
/// over <c>id.timestamp.body</c>, as Standard Webhooks 1.0 describes (https://www.standardwebhooks.com).
/// </summary>
internal static class WebhookSignature
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    private const string Base64Prefix = "whsec_";

    /// <param name="secret">Its bytes are the key; after <c>whsec_</c> they are in base64.</param>
    /// <param name="timestamp">Seconds since 1970.</param>
    /// <returns>The value of <see cref="SignatureHeader"/>.</returns>
    public static string Sign(string secret, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Key(secret));
        hmac.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")));
        hmac.AppendData(body);
        return $"v1,{Convert.ToBase64String(hmac.GetHashAndReset())}";
    }

    private static byte[] Key(string secret)
    {
        if (!secret.StartsWith(Base64Prefix, StringComparison.Ordinal))
        {
            return Encoding.UTF8.GetBytes(secret);
        }

        var key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[Base64Prefix.Length..], key, out var length) ? key[..length] : Encoding.UTF8.GetBytes(secret);
    }
}
