//! The kinds of secrets and personal data that are looked for, and what stands in their place.
//!
//! Declared strongest first: where two findings overlap, the earlier kind names what covers both.

use serde::{Deserialize, Serialize};

/// What a stretch of text gives away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A private key in PEM, OpenPGP, OpenSSH or PuTTY armour, over all its lines.
    PrivateKey,
    /// A signed web token (RFC 7519).
    WebToken,
    /// A key or token in the shape that a known service gives its own.
    ApiKey,
    /// The user and password of an address: `scheme://user:password@host`.
    UrlCredentials,
    /// What a password label is followed by.
    Password,
    /// A value of high entropy that a label calls a key, token or secret; a wallet's phrase or key.
    AssignedSecret,
    /// A code sent to prove who logs in.
    OneTimeCode,
    /// An e-mail address, also written `name (at) host`.
    Email,
    /// A Chinese identity number of 18 digits (checked) or 15 (with a valid date); one of Hong Kong or
    /// Taiwan behind its label, or checked in the form of Hong Kong.
    ChineseId,
    /// A Chinese unified social credit code (GB 32100, checked).
    SocialCredit,
    /// A United States social security number.
    SocialSecurity,
    /// A British national insurance number.
    NationalInsurance,
    /// A passport or travel permit number behind its label.
    Passport,
    /// The number of another document behind its label: driving licence, social insurance, student.
    DocumentNumber,
    /// A payment card number: issuer's range, length and Luhn digit.
    BankCard,
    /// An international bank account number (ISO 13616, checked).
    Iban,
    /// A bank account, routing number or sort code behind its label.
    BankAccount,
    /// An address of a crypto currency.
    CryptoWallet,
    /// A telephone number in mainland China: mobile, landline or 400.
    ChinesePhone,
    /// Another telephone number: international, or national where its form tells.
    Phone,
    /// A date that is labelled as somebody's birthday.
    BirthDate,
    /// A licence plate: Chinese by its form, another behind its label.
    LicencePlate,
    /// A hardware address.
    MacAddress,
    /// An IPv4 address of some machine.
    Ipv4,
    /// An IPv6 address of some machine.
    Ipv6,
    /// Geographic coordinates precise enough to find a house.
    Coordinates,
    /// A Chinese street address.
    ChineseAddress,
    /// An English street address.
    StreetAddress,
    /// A postal code, by its form or its label.
    PostalCode,
    /// An account name or number of a messenger behind its label.
    MessengerId,
}

impl Kind {
    /// Every kind, strongest first.
    pub const ALL: [Self; 30] = [
        Self::PrivateKey,
        Self::WebToken,
        Self::ApiKey,
        Self::UrlCredentials,
        Self::Password,
        Self::AssignedSecret,
        Self::OneTimeCode,
        Self::Email,
        Self::ChineseId,
        Self::SocialCredit,
        Self::SocialSecurity,
        Self::NationalInsurance,
        Self::Passport,
        Self::DocumentNumber,
        Self::BankCard,
        Self::Iban,
        Self::BankAccount,
        Self::CryptoWallet,
        Self::ChinesePhone,
        Self::Phone,
        Self::BirthDate,
        Self::LicencePlate,
        Self::MacAddress,
        Self::Ipv4,
        Self::Ipv6,
        Self::Coordinates,
        Self::ChineseAddress,
        Self::StreetAddress,
        Self::PostalCode,
        Self::MessengerId,
    ];

    /// The stable name in counts, reports and settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PrivateKey => "private_key",
            Self::WebToken => "web_token",
            Self::ApiKey => "api_key",
            Self::UrlCredentials => "url_credentials",
            Self::Password => "password",
            Self::AssignedSecret => "assigned_secret",
            Self::OneTimeCode => "one_time_code",
            Self::Email => "email",
            Self::ChineseId => "chinese_id",
            Self::SocialCredit => "social_credit",
            Self::SocialSecurity => "social_security",
            Self::NationalInsurance => "national_insurance",
            Self::Passport => "passport",
            Self::DocumentNumber => "document_number",
            Self::BankCard => "bank_card",
            Self::Iban => "iban",
            Self::BankAccount => "bank_account",
            Self::CryptoWallet => "crypto_wallet",
            Self::ChinesePhone => "chinese_phone",
            Self::Phone => "phone",
            Self::BirthDate => "birth_date",
            Self::LicencePlate => "licence_plate",
            Self::MacAddress => "mac_address",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Coordinates => "coordinates",
            Self::ChineseAddress => "chinese_address",
            Self::StreetAddress => "street_address",
            Self::PostalCode => "postal_code",
            Self::MessengerId => "messenger_id",
        }
    }

    /// The kind of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What stands in its place. Coarser than the kind: a model should learn that a telephone number
    /// stood here, not from which country.
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::PrivateKey
            | Self::WebToken
            | Self::ApiKey
            | Self::UrlCredentials
            | Self::Password
            | Self::AssignedSecret
            | Self::OneTimeCode => "[SECRET]",
            Self::Email => "[EMAIL]",
            Self::ChineseId
            | Self::SocialCredit
            | Self::SocialSecurity
            | Self::NationalInsurance
            | Self::Passport
            | Self::DocumentNumber => "[ID_NUMBER]",
            Self::BankCard => "[CARD]",
            Self::Iban | Self::BankAccount | Self::MessengerId => "[ACCOUNT]",
            Self::CryptoWallet => "[WALLET]",
            Self::ChinesePhone | Self::Phone => "[PHONE]",
            Self::BirthDate => "[BIRTH_DATE]",
            Self::LicencePlate => "[PLATE]",
            Self::MacAddress => "[MAC]",
            Self::Ipv4 | Self::Ipv6 => "[IP]",
            Self::Coordinates => "[LOCATION]",
            Self::ChineseAddress | Self::StreetAddress => "[ADDRESS]",
            Self::PostalCode => "[POSTCODE]",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_listed_strongest_first_and_named_once() {
        assert!(Kind::ALL.is_sorted());
        for kind in Kind::ALL {
            assert_eq!(Kind::by_name(kind.name()), Some(kind));
        }
    }
}
