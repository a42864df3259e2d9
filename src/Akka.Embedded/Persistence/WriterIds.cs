using System.Security.Cryptography;

namespace Akka.Persistence;

/// <summary>Names of actor incarnations in the column <c>writer_uuid</c>, by which an operator tells two writers of one id apart.</summary>
internal static class WriterIds
{
    /// <summary>A new name; random, so unique over all processes that share a database.</summary>
    public static string Next() => new Guid(RandomNumberGenerator.GetBytes(16)).ToString();
}
