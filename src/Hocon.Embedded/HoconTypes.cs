namespace Hocon;

/// <summary>What an include statement names.</summary>
public enum HoconCallbackType
{
    /// <summary>A file: <c>include "name"</c> or <c>include file("name")</c>.</summary>
    File,

    /// <summary><c>include url("...")</c>.</summary>
    Url,

    /// <summary><c>include classpath("...")</c>.</summary>
    Resource,
}

/// <summary>Kinds of values.</summary>
public enum HoconType
{
    /// <summary>null.</summary>
    Empty,

    Array,

    Object,

    Number,

    Boolean,

    String,
}

/// <summary>Gives the text that an include statement names.</summary>
/// <param name="callbackType">How the name was written.</param>
/// <param name="value">The name as written.</param>
/// <returns>The text, or null when there is none: then nothing is included, or it is an error where the include is required.</returns>
public delegate Task<string?> HoconIncludeCallbackAsync(HoconCallbackType callbackType, string value);
