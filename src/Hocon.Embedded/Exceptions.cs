using Hocon.Tree;

namespace Hocon;

/// <summary>A configuration that cannot be used as asked.</summary>
public class HoconException : Exception
{
    public HoconException(string message)
        : base(message)
    {
    }

    public HoconException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A value is missing or has another type than was asked for.</summary>
public class HoconValueException : HoconException
{
    public HoconValueException(string message, string failPath, Exception innerException)
        : base(message, innerException)
    {
        FailPath = failPath;
    }

    /// <summary>Path of the value.</summary>
    public string FailPath { get; }
}

/// <summary>A text that is not HOCON, or whose includes or substitutions cannot be resolved.</summary>
public sealed class HoconParserException : Exception
{
    public HoconParserException()
    {
    }

    public HoconParserException(string message)
        : base(message)
    {
    }

    public HoconParserException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal HoconParserException(Origin origin, string problem, Exception? innerException = null)
        : base($"{Describe(origin)}: {problem}", innerException)
    {
        LineNumber = origin.Line;
        LinePosition = origin.Column;
    }

    /// <summary>Line of the error, from 1; 0 when unknown.</summary>
    public int LineNumber { get; }

    /// <summary>Column of the error, from 1; 0 when unknown.</summary>
    public int LinePosition { get; }

    private static string Describe(Origin origin) =>
        $"{(origin.Source is null ? "" : origin.Source + ", ")}line {origin.Line}, column {origin.Column}";
}
