using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Engines.MongoDb.Legacy;

/// <summary>The client's side of SCRAM (RFC 5802, RFC 7677).</summary>
/// <param name="password">Of SCRAM-SHA-1 MongoDB's digest of it.</param>
internal sealed class ScramClient(string mechanism, string user, string password)
{
    // Fewer would let a false server guess the password (RFC 5802, 5.1).
    private const int LeastIterations = 4096;

    // Servers want 10,000 to 15,000; each costs this process work, so that a false server could keep it busy for hours.
    private const int MostIterations = 1_000_000;

    private readonly HashAlgorithmName _hash = mechanism == "SCRAM-SHA-1" ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256;
    private readonly string _nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));
    private byte[] _expected = [];

    public string Mechanism => mechanism;

    private string Bare => $"n={user.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r={_nonce}";

    public byte[] First() => Encoding.UTF8.GetBytes("n,," + Bare);

    /// <summary>The proof, for the server's first message.</summary>
    public byte[] Final(byte[] serverFirst)
    {
        var first = Encoding.UTF8.GetString(serverFirst);
        var fields = Fields(first);
        if (!fields["r"].StartsWith(_nonce, StringComparison.Ordinal)
            || !int.TryParse(fields["i"], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations is < LeastIterations or > MostIterations)
        {
            throw new MongoDbRefusal(18, "the server's part of the login is wrong");
        }

        var withoutProof = $"c=biws,r={fields["r"]}";
        var message = Encoding.UTF8.GetBytes($"{Bare},{first},{withoutProof}");
        var secret = mechanism == "SCRAM-SHA-1" ? password : password.Normalize(NormalizationForm.FormKC);
        var length = _hash == HashAlgorithmName.SHA1 ? SHA1.HashSizeInBytes : SHA256.HashSizeInBytes;
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(secret), Convert.FromBase64String(fields["s"]), iterations, _hash, length);
        var clientKey = Mac(salted, "Client Key"u8.ToArray());
        var signature = Mac(CryptographicOperations.HashData(_hash, clientKey), message);
        _expected = Mac(Mac(salted, "Server Key"u8.ToArray()), message);
        var proof = clientKey.Zip(signature, (key, sign) => (byte)(key ^ sign)).ToArray();
        return Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String(proof)}");
    }

    /// <summary>Whether the server's last message proves that it knows the password, too.</summary>
    public bool IsServer(byte[] serverFinal) =>
        Fields(Encoding.UTF8.GetString(serverFinal)).GetValueOrDefault("v") is { } sign
        && CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(sign), _expected);

    private byte[] Mac(byte[] key, byte[] data) => CryptographicOperations.HmacData(_hash, key, data);

    private static Dictionary<string, string> Fields(string text) =>
        text.Split(',').Where(part => part.Length > 1 && part[1] == '=').ToDictionary(part => part[..1], part => part[2..]);
}
